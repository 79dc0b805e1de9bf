// Every decision under a budget, as JSON Lines for a program that decides anew
// (tests/independent/recompute.py greedy):
//
//   {"region":"r","budget":3}
//   {"region":"r","interval":7,"resource":"a","cap":2,"p":[0.9,0.4],"tie":"17","allocated":1}
//
// p: P(d >= 1), P(d >= 2), … as the benefit of each unit implies it, to 2^-30; tie: the hash that orders
// equal ones. Lines come in no particular order. Large: for checks. Thread-safe.
#pragma once

#include "actors/region/region_core.hpp"
#include "adapters/files/output.hpp"
#include "models/allocation/benefit.hpp"

#include <memory>
#include <mutex>
#include <optional>
#include <set>
#include <string>

namespace forestage::cluster {

class candidate_dump {
public:
  // path: as files::output takes it. Errors: of the file.
  [[nodiscard]] static models::result<candidate_dump> open(const std::string& path,
                                                           const models::unit_costs& costs);

  void add(const actors::priced_interval& decision);
  // Puts the file in place. Errors: of any write before.
  [[nodiscard]] models::status commit();

private:
  candidate_dump(files::output out, const models::unit_costs& costs);
  [[nodiscard]] std::string line(const actors::priced_interval& decision, const models::unit_run* first,
                                 const models::unit_run* last) const;
  void write(const std::string& text);

  files::output out_;
  models::unit_costs costs_;
  std::set<models::region_id> regions_; // whose budget is written
  std::optional<models::error> failure_;
  std::unique_ptr<std::mutex> one_at_a_time_ = std::make_unique<std::mutex>();
};

} // namespace forestage::cluster
