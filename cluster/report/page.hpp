// The page of --report as the build bundled it (web/report). Pure.
#pragma once

#include <string_view>

namespace forestage::cluster {

// One HTML file with a marker where the document goes; empty when the build had no npm.
[[nodiscard]] std::string_view report_page() noexcept;

} // namespace forestage::cluster
