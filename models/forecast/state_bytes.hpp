// Forecast states as bytes: a version byte, the members that fields() names, a checksum (models/bytes.hpp).
//
// A state is restored into one that was made with the same settings and goes on bit for bit; bytes that are
// damaged, of another version or of other settings leave it as it was.
#pragma once

#include "models/bytes.hpp"
#include "models/result.hpp"

#include <cstdint>
#include <string>
#include <string_view>
#include <utility>

namespace forestage::models {

inline constexpr std::uint8_t forecast_state_version =
    5; // 2: analogues in a member, the last layer; 3: smoothers in bins, five residual averages; 4: levels;
       // 5: new levels of many series

// same_shape(other): whether both were made with the same settings.
template <class State>
concept forecast_state = has_fields<State, byte_writer> && requires(const State& a, const State& b) {
  { a.same_shape(b) } -> std::convertible_to<bool>;
};

template <forecast_state State> [[nodiscard]] std::string snapshot(const State& state) {
  std::string out;
  byte_writer write{out};
  write(forecast_state_version, state);
  seal(out, 0);
  return out;
}

// Errors: invalid_data (damaged), incompatible (another version, other settings).
template <forecast_state State> [[nodiscard]] status restore(State& into, std::string_view bytes) {
  if (!unseal(bytes))
    return {errc::invalid_data,
            "a forecast state is damaged: leave it out and let the history be read again"};
  byte_reader read{bytes};
  std::uint8_t version = 0;
  read(version);
  if (version != forecast_state_version)
    return {errc::incompatible, "a forecast state is of format " + std::to_string(version) + ", not " +
                                    std::to_string(forecast_state_version) +
                                    ": let the history be read again"};
  State next = into;
  read(next);
  if (!read.ok() || !read.rest().empty())
    return {errc::invalid_data,
            "a forecast state is damaged: leave it out and let the history be read again"};
  if (!next.same_shape(into))
    return {errc::incompatible, "a forecast state was made with other settings: restore it with those"};
  into = std::move(next);
  return success();
}

} // namespace forestage::models
