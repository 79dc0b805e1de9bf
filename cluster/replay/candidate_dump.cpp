#include "cluster/replay/candidate_dump.hpp"

#include <nlohmann/json.hpp>

#include <algorithm>
#include <vector>

namespace forestage::cluster {

models::result<candidate_dump> candidate_dump::open(const std::string& path,
                                                    const models::unit_costs& costs) {
  auto out = files::output::open(path);
  if (!out) return out.failure();
  return candidate_dump{std::move(*out), costs};
}

candidate_dump::candidate_dump(files::output out, const models::unit_costs& costs)
    : out_(std::move(out))
    , costs_(costs) {}

void candidate_dump::add(const actors::priced_interval& decision) {
  // By resource; a resource's runs stay in the order of its units.
  std::vector<models::unit_run> runs(decision.wanted.begin(), decision.wanted.end());
  std::ranges::stable_sort(runs, {}, &models::unit_run::resource);
  std::string text;
  for (auto first = runs.begin(); first != runs.end();) {
    const auto last =
        std::find_if(first, runs.end(), [&](const auto& r) { return r.resource != first->resource; });
    text += line(decision, &*first, &*first + (last - first));
    first = last;
  }
  const std::lock_guard alone{*one_at_a_time_};
  if (regions_.insert(decision.region).second)
    write(nlohmann::ordered_json{{"region", decision.region.text()}, {"budget", decision.budget}}.dump() +
          "\n");
  write(text);
}

std::string candidate_dump::line(const actors::priced_interval& decision, const models::unit_run* first,
                                 const models::unit_run* last) const {
  std::vector<double> p;
  std::vector<models::benefit_step> steps;
  for (const auto* run = first; run != last; ++run) {
    const auto worth = models::benefit_at(run->benefit_rank);
    steps.push_back({run->last_unit, worth});
    // The inverse of models::benefit_of: strictly rising, so ties stay ties.
    p.insert(p.end(), run->units(),
             static_cast<double>(worth.fixed) / models::greatest_benefit.fixed + 1 -
                 models::critical_fractile(costs_));
  }
  const models::candidate wanted{first->resource, first->hash, steps};
  return nlohmann::ordered_json{{"region", decision.region.text()},
                                {"interval", decision.interval.value()},
                                {"resource", first->resource},
                                {"cap", wanted.cap()},
                                {"p", p},
                                {"tie", std::to_string(first->hash)},
                                {"allocated", models::allocation_at(decision.price, wanted)}}
             .dump() +
         "\n";
}

void candidate_dump::write(const std::string& text) {
  if (failure_) return;
  if (auto written = out_.write(text); !written) failure_ = written.failure();
}

models::status candidate_dump::commit() {
  if (failure_) return *failure_;
  return out_.commit();
}

} // namespace forestage::cluster
