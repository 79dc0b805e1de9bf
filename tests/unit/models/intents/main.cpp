#define BOOST_TEST_MODULE models_intents
#include <boost/test/unit_test.hpp>
