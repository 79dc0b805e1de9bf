#define BOOST_TEST_MODULE models_allocation
#include <boost/test/unit_test.hpp>
