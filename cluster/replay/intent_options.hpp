// What --intents says: a simulation of declarations as KEY=VALUE pairs.
#pragma once

#include "models/result.hpp"
#include "models/synthetic/declarations.hpp"

#include <string>
#include <string_view>

namespace forestage::cluster {

// "p=.5,noshow=.3,lead=1-3": errors name the key and the remedy (invalid_argument).
[[nodiscard]] models::result<models::synthetic::intent_simulation> parse_intents(std::string_view text);
// The same settings, all of them, in the form that parse_intents() reads.
[[nodiscard]] std::string to_string(const models::synthetic::intent_simulation& intents);

} // namespace forestage::cluster
