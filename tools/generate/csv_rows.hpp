// Requests as rows of CSV: `timestamp,resource,peer,region`, times ISO 8601 in UTC with seconds. Pure. Names
// of synthetic logs hold no comma and no quote, so no field is quoted.
#pragma once

#include "models/synthetic/arrivals.hpp"

#include <string>
#include <string_view>

namespace forestage::tools {

inline constexpr std::string_view csv_header = "timestamp,resource,peer,region\n";

// "2026-01-01" of a day since the unix epoch.
[[nodiscard]] std::string iso_date(std::int64_t day);

class csv_rows {
public:
  // Precondition: `truth` outlives this.
  explicit csv_rows(const models::synthetic::parameters& truth)
      : truth_(truth) {}
  void append(const models::synthetic::request& row, std::string& to);

private:
  const models::synthetic::parameters& truth_;
  std::uint32_t day_ = ~0U;
  std::uint32_t second_ = ~0U;
  std::string date_;
  std::string time_;
};

} // namespace forestage::tools
