#define BOOST_TEST_MODULE adapters_sqlite_crash
#include <boost/test/unit_test.hpp>
