#include "actors/caf.hpp"

namespace forestage::actors {

namespace {
constexpr auto category = caf::atom("forestage");
}

caf::error to_caf(const models::error& failure) {
  return caf::error{static_cast<std::uint8_t>(failure.code), category, caf::make_message(failure.text)};
}

models::error from_caf(const caf::error& failure) {
  if (failure.category() == category && failure.context().match_elements<std::string>())
    return {static_cast<models::errc>(failure.code()), failure.context().get_as<std::string>(0)};
  if (failure.category() == caf::atom("system") &&
      failure.code() == static_cast<std::uint8_t>(caf::sec::request_timeout))
    return {models::errc::timeout, "an actor did not answer in time"};
  return {models::errc::internal, "an actor failed: " + to_string(failure)};
}

} // namespace forestage::actors
