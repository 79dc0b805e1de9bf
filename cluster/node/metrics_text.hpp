// Metrics in the text format of Prometheus (version 0.0.4). Pure.
#pragma once

#include <cstdint>
#include <initializer_list>
#include <string>
#include <string_view>
#include <utility>

namespace forestage::cluster {

enum class metric_type : std::uint8_t { counter, gauge };

class metrics_text {
public:
  using labels = std::initializer_list<std::pair<std::string_view, std::string_view>>;

  // Begins a family: the samples that follow are its.
  metrics_text& family(std::string_view name, metric_type type, std::string_view help);
  metrics_text& sample(double value, labels with = {});

  [[nodiscard]] const std::string& text() const noexcept { return text_; }

private:
  std::string text_, name_;
};

} // namespace forestage::cluster
