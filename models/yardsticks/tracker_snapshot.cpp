// A tracker as bytes: version, next interval, flags (bit 0: evaluating), static_q, the live counts (how many;
// then per count the step from the offset before and the count), the warm-up tally. All but the version are
// varints.
#include "models/yardsticks/bytes.hpp"
#include "models/yardsticks/tracker.hpp"

#include <cstdint>
#include <limits>
#include <span>
#include <string>
#include <string_view>

namespace forestage::models {

using namespace yardsticks;

namespace {
constexpr char snapshot_version = 1;
constexpr std::uint64_t most_offset = std::numeric_limits<std::int32_t>::max();
constexpr std::uint64_t most_count = std::numeric_limits<std::uint32_t>::max();
} // namespace

void yardstick_tracker::write_to(std::string& bytes) const {
  const std::span live{std::span{history_}.subspan(dead_)};
  bytes.push_back(snapshot_version);
  write_varint(bytes, static_cast<std::uint64_t>(next_));
  write_varint(bytes, evaluating_ ? 1 : 0);
  write_varint(bytes, static_);
  write_varint(bytes, live.size());
  std::int64_t before = -1;
  for (const auto& cell : live) {
    write_varint(bytes, static_cast<std::uint64_t>(cell.offset - before));
    write_varint(bytes, cell.count);
    before = cell.offset;
  }
  warmup_.write_to(bytes);
}

result<yardstick_tracker> yardstick_tracker::read_from(std::string_view& bytes) {
  const auto broken = [](const char* what) {
    return error{errc::invalid_data, std::string{"a yardstick's snapshot has a broken "} + what};
  };
  if (bytes.empty()) return broken("version: it is empty");
  if (bytes.front() != snapshot_version)
    return {errc::incompatible,
            "a yardstick's snapshot has version " +
                std::to_string(static_cast<int>(static_cast<unsigned char>(bytes.front()))) + "; 1 is known"};
  bytes.remove_prefix(1);
  yardstick_tracker tracker;
  std::uint64_t next = 0;
  std::uint64_t evaluating = 0;
  std::uint64_t fixed = 0;
  std::uint64_t size = 0;
  if (!read_varint_up_to(bytes, next, most_offset)) return broken("position");
  if (!read_varint_up_to(bytes, evaluating, 1)) return broken("flag");
  if (!read_varint_up_to(bytes, fixed, evaluating == 1 ? most_count : 0)) return broken("static allocation");
  if (!read_varint_up_to(bytes, size, bytes.size() / 2)) return broken("number of counts");
  tracker.history_.reserve(size);
  std::uint64_t after = 0; // one past the offset before
  for (std::uint64_t i = 0; i < size; ++i) {
    std::uint64_t step = 0;
    std::uint64_t count = 0;
    if (!read_varint_up_to(bytes, step, next - after) || step == 0) return broken("interval");
    if (!read_varint_up_to(bytes, count, most_count) || count == 0) return broken("count");
    after += step;
    tracker.history_.push_back({static_cast<std::int32_t>(after - 1), static_cast<std::uint32_t>(count)});
  }
  if (!tracker.warmup_.read_from(bytes)) return broken("tally");
  if (evaluating == 1 && !tracker.warmup_.empty()) return broken("tally: the warm-up part is over");
  tracker.next_ = static_cast<std::int32_t>(next);
  tracker.evaluating_ = evaluating == 1;
  tracker.static_ = static_cast<std::uint32_t>(fixed);
  return tracker;
}

} // namespace forestage::models
