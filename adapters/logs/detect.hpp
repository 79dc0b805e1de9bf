// Finds out which column says what, from the names of the columns and a sample of rows. Pure.
#pragma once

#include "adapters/logs/columns.hpp"
#include "adapters/logs/record_reader.hpp"
#include "adapters/logs/time_format.hpp"
#include "models/result.hpp"

#include <optional>
#include <string>
#include <vector>

namespace forestage::adapters::logs {

// `name` is the file's, for messages. `format`, when given, is the form of the times. Errors:
// invalid_argument when no column holds times.
[[nodiscard]] models::result<column_map> detect_columns(const std::string& name, const file_layout& layout,
                                                        const std::optional<time_format>& format);

// One sentence per role, for a person: what a column map means for a log, and how its times are understood.
[[nodiscard]] std::vector<std::string> describe(const column_map& columns, const file_layout& layout,
                                                bool detected, const std::optional<time_format>& format);

} // namespace forestage::adapters::logs
