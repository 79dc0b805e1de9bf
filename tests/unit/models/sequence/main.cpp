#define BOOST_TEST_MODULE models_sequence
#include <boost/test/unit_test.hpp>
