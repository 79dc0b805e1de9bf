#define BOOST_TEST_MODULE models_metrics
#include <boost/test/unit_test.hpp>
