// The time zones that this system knows (IANA tz database, package tzdata), as plain tables for the models.
//
// A zone's name is one like Europe/Berlin, or UTC. Reads /usr/share/zoneinfo when first asked. Thread-safe.
// No exceptions leave it.
#pragma once

#include "models/demand/local_grid.hpp"
#include "models/result.hpp"

#include <cstdint>
#include <string>
#include <vector>

namespace forestage::adapters {

// The offsets that hold in [from, to], both unix seconds: the first entry is in force at `from`. Errors:
// invalid_argument for a zone that is not known, with the names next to it; storage_failed when the database
// is not there or cannot be read.
[[nodiscard]] models::result<std::vector<models::utc_offset>>
offsets_of(const std::string& zone, std::int64_t from_second, std::int64_t to_second);

} // namespace forestage::adapters
