// NCSA access logs, common and combined (Apache's and nginx's default):
//
//   client ident user [10/Oct/2000:13:55:36 -0700] "GET /path?query HTTP/1.1" status bytes "referrer" "agent"
//
// Columns: client, ident, user, time, method, path, query, protocol, status, bytes, referrer, agent. A
// request that is not one (a probe, "-") has an empty path; bytes "-" is empty; what follows the agent is
// ignored. \" inside quotes is kept.
#pragma once

#include "adapters/logs/record_reader.hpp"

#include <array>
#include <string_view>

namespace forestage::adapters::logs {

inline constexpr std::array<std::string_view, 12> ncsa_columns{"client", "ident", "user",     "time",
                                                               "method", "path",  "query",    "protocol",
                                                               "status", "bytes", "referrer", "agent"};
using ncsa_fields = std::array<std::string_view, ncsa_columns.size()>;

// False when the line is not of this form.
[[nodiscard]] bool split_ncsa(std::string_view line, ncsa_fields& fields) noexcept;

class ncsa_reader final : public record_reader {
public:
  explicit ncsa_reader(line_stream lines)
      : lines_(std::move(lines)) {}

  [[nodiscard]] fetch next() override;
  [[nodiscard]] std::span<const std::string_view> fields() const noexcept override { return fields_; }
  [[nodiscard]] std::string fault() const override;
  [[nodiscard]] const line_stream& lines() const noexcept override { return lines_; }

private:
  line_stream lines_;
  ncsa_fields fields_{};
};

} // namespace forestage::adapters::logs
