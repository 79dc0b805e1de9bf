#include "adapters/files/read_file.hpp"
#include "adapters/truth/truth_file.hpp"

#include <nlohmann/json.hpp>

#include <algorithm>
#include <cmath>
#include <limits>
#include <optional>

namespace forestage::truth {
namespace {

using nlohmann::json;
using namespace models::synthetic;
using models::errc;
using models::error;

constexpr std::uint64_t most_u32 = std::numeric_limits<std::uint32_t>::max();

// The fields of one line. The first thing wrong is remembered; what is asked for after it is zero.
class fields {
public:
  explicit fields(const json& object, std::size_t count)
      : object_(object) {
    if (!object.is_object())
      complain("it is not a JSON object");
    else if (object.size() != count)
      complain("it should have " + std::to_string(count) + " fields");
  }

  std::uint64_t natural(const char* key, std::uint64_t most) { return natural(find(key), key, most); }
  std::uint32_t natural(const char* key) { return static_cast<std::uint32_t>(natural(key, most_u32)); }
  std::int64_t integer(const char* key) {
    const auto* value = find(key);
    if (value == nullptr) return 0;
    if (value->is_number_unsigned() && value->get<std::uint64_t>() > std::numeric_limits<std::int64_t>::max())
      complain(std::string{key} + " is too large");
    else if (!value->is_number_integer())
      complain(std::string{key} + " must be a whole number");
    else
      return value->get<std::int64_t>();
    return 0;
  }
  double real(const char* key) { return real(find(key), key); }
  std::string text(const char* key) {
    const auto* value = find(key);
    if (value != nullptr && !value->is_string()) complain(std::string{key} + " must be text");
    return wrong_ ? std::string{} : value->get<std::string>();
  }
  // A list, handed item by item to `take(item)`. Precondition of the items' readers below: inside `take`.
  template <class Take> void list(const char* key, std::size_t count, const Take& take) {
    const auto* value = find(key);
    if (value == nullptr) return;
    if (!value->is_array() || value->size() != count)
      return complain(std::string{key} + " must be a list of " + std::to_string(count));
    for (const auto& item : *value)
      if (!wrong_) take(item);
  }
  std::uint64_t natural(const json* value, const char* key, std::uint64_t most) {
    if (value == nullptr || wrong_) return 0;
    if (value->is_number_unsigned() && value->get<std::uint64_t>() <= most)
      return value->get<std::uint64_t>();
    complain(std::string{key} + " must be a whole number from 0 to " + std::to_string(most));
    return 0;
  }
  double real(const json* value, const char* key) {
    if (value == nullptr || wrong_) return 0;
    if (value->is_number()) return value->get<double>();
    complain(std::string{key} + " must be a number");
    return 0;
  }

  void complain(std::string text) {
    if (!wrong_) wrong_ = std::move(text);
  }
  [[nodiscard]] const std::optional<std::string>& wrong() const noexcept { return wrong_; }

private:
  const json* find(const char* key) {
    if (wrong_) return nullptr;
    const auto found = object_.find(key);
    if (found != object_.end()) return &*found;
    complain(std::string{"the field "} + key + " is missing");
    return nullptr;
  }

  const json& object_;
  std::optional<std::string> wrong_;
};

template <class Name> Name name_of(fields& in, const char* key) {
  auto made = Name::make(in.text(key));
  if (made) return std::move(*made);
  in.complain(made.failure().text);
  return {};
}

void read(fields& in, const parameters&, region& item) {
  item.name = name_of<models::region_id>(in, "region");
  item.utc_offset_minutes =
      static_cast<std::int32_t>(std::clamp<std::int64_t>(in.integer("utc_offset_minutes"), -10'000, 10'000));
  item.first_peer = in.natural("first_peer");
  item.peers = in.natural("peers");
}

void read(fields& in, const parameters&, resource_class& item) {
  item.name = in.text("class");
  item.floor = in.real("floor");
  auto next = item.peaks.begin();
  in.list("peaks", item.peaks.size(), [&](const json& peak) {
    if (!peak.is_array() || peak.size() != 3) return in.complain("a peak must be [minute, width, height]");
    next->minute = static_cast<std::uint32_t>(in.natural(&peak[0], "a peak's minute", most_u32));
    next->width_minutes = in.real(&peak[1], "a peak's width");
    next->height = in.real(&peak[2], "a peak's height");
    ++next;
  });
  item.weekend_factor = in.real("weekend_factor");
}

void read(fields& in, const parameters& all, resource& item) {
  item.name = name_of<models::resource_id>(in, "resource");
  item.class_number = in.natural("class");
  item.rate = in.real("rate");
  auto* end = &item.born;
  in.list("life", 2, [&](const json& minute) {
    *end = static_cast<std::int64_t>(in.natural(&minute, "life", most_u32));
    end = &item.dies;
  });
  item.shares.reserve(all.regions.size());
  in.list("shares", all.regions.size(), [&](const json& share) {
    item.shares.push_back(static_cast<std::uint16_t>(in.natural(&share, "a share", share_whole)));
  });
}

void read(fields& in, const parameters&, pulse& item) {
  const auto kind = in.text("pulse");
  if (kind != "flash" && kind != "session") in.complain("pulse must be \"flash\" or \"session\"");
  item.what = kind == "session" ? pulse::kind::session : pulse::kind::flash;
  item.resource = in.natural("resource");
  item.region = in.natural("region");
  item.first_minute = in.integer("first_minute");
  item.minutes = in.integer("minutes");
  item.period_minutes = in.integer("period_minutes");
  item.decay_minutes = in.real("decay_minutes");
  item.height = in.real("height");
}

void read(fields& in, const parameters&, habit& item) {
  item.peer = in.natural("habit");
  item.resource = in.natural("resource");
  item.region = in.natural("region");
  item.minute = in.natural("minute");
  item.spread_minutes = in.natural("spread");
  item.strength = in.real("strength");
}

constexpr std::size_t field_count(const region&) {
  return 4;
}
constexpr std::size_t field_count(const resource_class&) {
  return 4;
}
constexpr std::size_t field_count(const resource&) {
  return 5;
}
constexpr std::size_t field_count(const pulse&) {
  return 8;
}
constexpr std::size_t field_count(const habit&) {
  return 6;
}

class reader {
public:
  reader(std::string_view text, const std::string& name)
      : text_(text)
      , name_(name) {}

  models::result<rate_model> run() {
    if (!read_header() || !read_items(counts_.regions, all_.regions) ||
        !read_items(counts_.classes, all_.classes) || !read_items(counts_.resources, all_.resources) ||
        !read_items(counts_.pulses, all_.pulses) || !read_items(counts_.habits, all_.habits))
      return *failure_;
    if (!text_.empty()) {
      ++line_;
      fail(errc::invalid_data, "the header counts no further lines");
      return *failure_;
    }
    auto model = rate_model::make(std::move(all_));
    if (!model) return error{model.failure().code, name_ + ": " + model.failure().text + remedy};
    const double sum = model->expected_requests();
    if (!(std::abs(sum - expected_requests_) <= 1e-6 * expected_requests_ + 1e-9))
      return error{errc::invalid_data, name_ + ": its rates sum to " + std::to_string(sum) +
                                           " requests, its header says " +
                                           std::to_string(expected_requests_) + remedy};
    return model;
  }

private:
  static constexpr const char* remedy = "; write it again with forestage generate --truth";

  struct counts {
    std::size_t regions = 0, classes = 0, resources = 0, pulses = 0, habits = 0;
  };

  bool fail(errc code, const std::string& text) {
    failure_ = error{code, name_ + ", line " + std::to_string(line_) + ": " + text + remedy};
    return false;
  }

  // The next line as JSON, or null with failure_ set.
  std::optional<json> next() {
    ++line_;
    if (text_.empty()) {
      fail(errc::invalid_data, "the file ends early");
      return std::nullopt;
    }
    const auto end = text_.find('\n');
    const bool complete = end != std::string_view::npos;
    auto parsed = json::parse(text_.substr(0, end), nullptr, false);
    text_.remove_prefix(complete ? end + 1 : text_.size());
    if (!parsed.is_discarded()) return parsed;
    fail(errc::invalid_data,
         complete ? "it is not valid JSON" : "it is not valid JSON; the file seems cut short");
    return std::nullopt;
  }

  bool read_header() {
    const auto foreign = [&] {
      failure_ = error{errc::incompatible, name_ + " is not the truth of a synthetic log" + remedy};
      return false;
    };
    if (!text_.starts_with("{\"format\":\"forestage-truth\"")) return foreign();
    const auto object = next();
    if (!object) return false;
    if (const auto version = object->find("version"); version == object->end() || *version != 1)
      return fail(errc::incompatible, "this program reads version 1 of the format, and this is another");
    fields in{*object, 11};
    all_.first_day = in.integer("first_day");
    all_.days = in.natural("days");
    all_.seed = in.natural("seed", std::numeric_limits<std::uint64_t>::max());
    counts_ = {in.natural("regions"), in.natural("classes"), in.natural("resources"), in.natural("pulses"),
               in.natural("habits")};
    expected_requests_ = in.real("expected_requests");
    if (in.wrong()) return fail(errc::invalid_data, *in.wrong());
    if (const auto ok = check_span(all_); !ok) return fail(errc::invalid_data, ok.failure().text);
    return true;
  }

  template <class Item> bool read_items(std::size_t count, std::vector<Item>& items) {
    items.reserve(
        std::min(count, text_.size() / 32 + 1)); // a lying header reserves no more than the file could hold
    for (std::size_t i = 0; i < count; ++i) {
      const auto object = next();
      if (!object) return false;
      Item item;
      fields in{*object, field_count(item)};
      read(in, all_, item);
      if (in.wrong()) return fail(errc::invalid_data, *in.wrong());
      if (const auto ok = check(all_, item); !ok) return fail(errc::invalid_data, ok.failure().text);
      items.push_back(std::move(item));
    }
    return true;
  }

  std::string_view text_; // what is left
  const std::string& name_;
  std::size_t line_ = 0;
  parameters all_;
  counts counts_;
  double expected_requests_ = 0;
  std::optional<error> failure_;
};

} // namespace

models::result<rate_model> parse_truth(std::string_view text, const std::string& name) {
  return reader{text, name}.run();
}

models::result<rate_model> read_truth(const std::string& path) {
  const auto text = files::read_file(path);
  if (!text) return text.failure();
  return parse_truth(*text, path);
}

} // namespace forestage::truth
