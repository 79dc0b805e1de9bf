#define BOOST_TEST_MODULE models_forecast
#include <boost/test/unit_test.hpp>
