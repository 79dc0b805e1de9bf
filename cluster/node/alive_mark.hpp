// When a node was last seen alive: a file in its data directory, written now and then, that says after a
// crash since when nobody has counted. Lost or damaged it only makes that span seem longer.
#pragma once

#include "models/result.hpp"

#include <cstdint>
#include <filesystem>
#include <optional>

namespace forestage::cluster {

inline constexpr auto alive_file = "alive";
inline constexpr std::int64_t alive_every_ms = 5'000;

// Unix milliseconds. None: no file, or nothing that is a time.
[[nodiscard]] std::optional<std::int64_t> read_alive(const std::filesystem::path& data_dir);
// Errors: storage_failed.
[[nodiscard]] models::status write_alive(const std::filesystem::path& data_dir, std::int64_t now_ms);

} // namespace forestage::cluster
