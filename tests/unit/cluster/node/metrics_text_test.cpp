// The text format of Prometheus: families, labels, what is escaped.
#include "cluster/node/metrics_text.hpp"

#include <boost/test/unit_test.hpp>

using forestage::cluster::metric_type;
using forestage::cluster::metrics_text;

BOOST_AUTO_TEST_CASE(a_family_has_its_samples_behind_it) {
  metrics_text out;
  out.family("a_total", metric_type::counter, "Of a.")
      .sample(12'345'678'901)
      .sample(0.5, {{"x", "1"}, {"y", "2"}});
  out.family("b", metric_type::gauge, "Of b.").sample(-1, {{"name", "q\"b\\s\nl"}});
  BOOST_TEST(out.text() == "# HELP a_total Of a.\n# TYPE a_total counter\n"
                           "a_total 12345678901\na_total{x=\"1\",y=\"2\"} 0.5\n"
                           "# HELP b Of b.\n# TYPE b gauge\nb{name=\"q\\\"b\\\\s\\nl\"} -1\n");
}
