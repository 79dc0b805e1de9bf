#include "models/synthetic/arrivals.hpp"

#include "models/synthetic/portable_math.hpp"
#include "models/synthetic/random_stream.hpp"

#include <algorithm>
#include <cmath>

namespace forestage::models::synthetic {
namespace {

// What a stream of randomness is for: the second number of its key. Those of compose.cpp are below 100.
enum purpose : std::uint64_t {
  background_arrivals = 101,
  pulse_arrivals,
  habit_arrivals,
  audience,
  session_audience
};

constexpr double requests_per_fan = 20; // of a resource in a region, over the span
constexpr double fan_share = 0.85;      // of background requests that come from the resource's audience
constexpr double attendance = 1.5;      // requests per member of a session's audience and occurrence

class day_painter {
public:
  day_painter(const rate_model& model, std::uint32_t day, std::vector<request>& out)
      : all_(model.truth())
      , day_(day)
      , from_(day * minutes_per_day)
      , to_(from_ + minutes_per_day)
      , out_(out) {
    // The running sums of this UTC day for every class and region, to place a request by inversion.
    const auto origin = all_.first_day * minutes_per_day + from_;
    day_sums_.reserve(all_.classes.size() * all_.regions.size() * (minutes_per_day + 1));
    for (std::uint32_t c = 0; c < all_.classes.size(); ++c)
      for (const auto& of : all_.regions)
        for (std::int64_t minute = 0; minute <= minutes_per_day; ++minute)
          day_sums_.push_back(model.cycles().integral(c, of.utc_offset_minutes, origin, minute));
  }

  void background(std::uint32_t resource, std::uint32_t region) {
    const auto& of = all_.resources[resource];
    const double rate = of.rate * of.shares[region] / share_whole;
    if (rate == 0 || of.dies <= from_ || of.born >= to_) return;
    const auto* sums = day_sums(of.class_number, region);
    random_stream random{all_.seed, background_arrivals, resource, region, day_};
    const auto count = random.poisson(rate * sums[minutes_per_day]);
    for (std::uint64_t i = 0; i < count; ++i) {
      const auto* above =
          std::upper_bound(sums + 1, sums + minutes_per_day, random.uniform() * sums[minutes_per_day]);
      const auto second = second_in(from_ + (above - sums - 1), random);
      const auto peer = fan_or_anybody(random, resource, region, rate);
      // Outside a life the candidates are dropped: thinning keeps the process Poisson.
      if (alive(resource, second))
        out_.push_back(
            {second, resource, peer, static_cast<std::uint16_t>(region), request_source::background});
    }
  }

  void pulses(std::uint32_t number) {
    const auto& item = all_.pulses[number];
    if (item.height == 0) return;
    random_stream random{all_.seed, pulse_arrivals, number, day_};
    auto start = item.first_minute;
    if (const auto past = from_ - start - item.minutes; past >= 0) {
      if (item.period_minutes == 0) return;
      start += (past / item.period_minutes + 1) * item.period_minutes;
    }
    for (; start < to_; start += item.period_minutes) {
      occurrence(item, number, start, random);
      if (item.period_minutes == 0) break;
    }
  }

  void habits(std::uint32_t number) {
    const auto& item = all_.habits[number];
    random_stream random{all_.seed, habit_arrivals, number, day_};
    const auto count = random.poisson(item.strength);
    for (std::uint64_t i = 0; i < count; ++i) {
      // The sum of two uniform numbers has the triangle of the definition.
      const auto offset = static_cast<std::int64_t>(random.below(item.spread_minutes + 1)) +
                          random.below(item.spread_minutes + 1) - item.spread_minutes;
      const auto minute = (item.minute + offset + minutes_per_day) % minutes_per_day;
      const auto second = second_in(from_ + minute, random);
      if (alive(item.resource, second))
        out_.push_back({second, item.resource, item.peer, static_cast<std::uint16_t>(item.region),
                        request_source::habit});
    }
  }

private:
  const double* day_sums(std::uint32_t class_number, std::uint32_t region) const {
    return day_sums_.data() +
           (class_number * all_.regions.size() + region) * static_cast<std::size_t>(minutes_per_day + 1);
  }
  static std::uint32_t second_in(std::int64_t minute, random_stream& random) {
    return static_cast<std::uint32_t>(minute * 60 + random.below(60));
  }
  bool alive(std::uint32_t resource, std::uint32_t second) const {
    return second >= all_.resources[resource].born * 60 && second < all_.resources[resource].dies * 60;
  }

  // One of a group of `size` peers of a region, drawn with a preference for the lower-numbered ones.
  std::uint32_t member(std::initializer_list<std::uint64_t> group_and_member, std::uint32_t region) const {
    const auto& home = all_.regions[region];
    const double u = random_stream{group_and_member}.uniform();
    return home.first_peer + static_cast<std::uint32_t>(u * u * home.peers);
  }
  std::uint32_t anybody(random_stream& random, std::uint32_t region) const {
    return all_.regions[region].first_peer + random.below(all_.regions[region].peers);
  }
  std::uint32_t fan_or_anybody(random_stream& random, std::uint32_t resource, std::uint32_t region,
                               double rate) const {
    const double whim = random.uniform();
    const double taste = random.uniform();
    if (whim >= fan_share) return anybody(random, region);
    const double fans = std::min<double>(
        rate * static_cast<double>(all_.span_minutes()) / requests_per_fan + 1, all_.regions[region].peers);
    const auto which =
        static_cast<std::uint64_t>(taste * taste * std::floor(fans)); // the first fans ask most
    return member({all_.seed, audience, resource, region, which}, region);
  }

  void occurrence(const pulse& item, std::uint32_t number, std::int64_t start, random_stream& random) {
    const auto a = std::max(from_ - start, std::int64_t{0});
    const auto b = std::min(to_ - start, item.minutes);
    if (a >= b) return;
    const auto count = random.poisson(expected(item, all_.span_minutes(), start + a, start + b));
    const double lost = 1 - portable_exp(-static_cast<double>(b - a) / item.decay_minutes);
    const double members = std::max(
        1.0, expected(item, all_.span_minutes(), item.first_minute, item.first_minute + item.minutes) /
                 attendance);
    for (std::uint64_t i = 0; i < count; ++i) {
      // Inversion of the truncated geometric distribution of the minute.
      const auto k =
          static_cast<std::int64_t>(-item.decay_minutes * portable_log(1 - random.uniform() * lost));
      const auto second = second_in(start + std::min(a + k, b - 1), random);
      const auto which = static_cast<std::uint64_t>(random.uniform() * members);
      const auto peer = item.what == pulse::kind::session
                            ? member({all_.seed, session_audience, number, which}, item.region)
                            : anybody(random, item.region);
      if (alive(item.resource, second))
        out_.push_back({second, item.resource, peer, static_cast<std::uint16_t>(item.region),
                        item.what == pulse::kind::session ? request_source::session : request_source::flash});
    }
  }

  const parameters& all_;
  std::uint32_t day_;
  std::int64_t from_;
  std::int64_t to_;
  std::vector<request>& out_;
  std::vector<double> day_sums_;
};

} // namespace

void draw_day(const rate_model& model, std::uint32_t day, std::vector<request>& out) {
  out.clear();
  const auto& all = model.truth();
  day_painter painter{model, day, out};
  for (std::uint32_t r = 0; r < all.resources.size(); ++r)
    for (std::uint32_t g = 0; g < all.regions.size(); ++g)
      painter.background(r, g);
  for (std::uint32_t i = 0; i < all.pulses.size(); ++i)
    painter.pulses(i);
  for (std::uint32_t i = 0; i < all.habits.size(); ++i)
    painter.habits(i);
  std::sort(out.begin(), out.end());
}

} // namespace forestage::models::synthetic
