// The truth of a synthetic log as a file, version 1: JSON Lines, optionally gzip or zstd. docs/generate.md
// defines it. The first line is a header that counts the lines of every kind, so a truncated file is noticed;
// then one line per region, class, resource, pulse and habit, in this order. Reading checks every value;
// numbers survive the round trip exactly. Thread-safe. No exceptions leave it.
#pragma once

#include "adapters/files/output.hpp"
#include "models/synthetic/rate_model.hpp"

#include <string>
#include <string_view>

namespace forestage::truth {

// Appends the truth to an output that the caller opened and commits. Errors: storage_failed.
[[nodiscard]] models::status write_truth(const models::synthetic::rate_model& model, files::output& to);
// Writes a file that appears whole or not at all; compressed by suffix. Errors: storage_failed.
[[nodiscard]] models::status write_truth(const models::synthetic::rate_model& model, const std::string& path);

// Errors: those of files::read_file; invalid_data with the line and the remedy; incompatible for another
// format or version.
[[nodiscard]] models::result<models::synthetic::rate_model> read_truth(const std::string& path);
// The same from text in memory. `name` stands in errors.
[[nodiscard]] models::result<models::synthetic::rate_model> parse_truth(std::string_view text,
                                                                        const std::string& name);

} // namespace forestage::truth
