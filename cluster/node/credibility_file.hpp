// What peers' declarations have been worth, in DATA/credibility: read when a node starts, written with its
// snapshots. Lost, peers begin again as unknown ones.
#pragma once

#include "models/result.hpp"

#include <filesystem>
#include <string>
#include <string_view>

namespace forestage::cluster {

inline constexpr auto credibility_file = "credibility";

// Empty where there is none, or it cannot be read.
[[nodiscard]] std::string read_credibilities(const std::filesystem::path& data_dir);
// Errors: storage_failed.
[[nodiscard]] models::status write_credibilities(const std::filesystem::path& data_dir,
                                                 std::string_view bytes);

} // namespace forestage::cluster
