#define BOOST_TEST_MODULE models_demand
#include <boost/test/unit_test.hpp>
