#define BOOST_TEST_MODULE actors_cores
#include <boost/test/unit_test.hpp>
