#define BOOST_TEST_MODULE node_config
#include <boost/test/unit_test.hpp>
