#include "adapters/logs/line_stream.hpp"

#include <algorithm>
#include <cstring>
#include <string_view>

namespace forestage::adapters::logs {

using models::errc;

namespace {

constexpr std::size_t initial_bytes = std::size_t{256} * 1024;
constexpr std::string_view byte_order_mark = "\xef\xbb\xbf";

} // namespace

line_stream::line_stream(std::unique_ptr<byte_source> source, std::string name)
    : source_(std::move(source))
    , name_(std::move(name))
    , buffer_(initial_bytes) {}

fetch line_stream::fail(errc code, std::string text) {
  failure_ = models::error{code, std::move(text)};
  return fetch::failed;
}

fetch line_stream::fail_long() {
  return fail(errc::limit_exceeded,
              name_ + ":" + std::to_string(first_line_) +
                  ": a line or quoted field of more than 1 MiB; check the format, and for a quote "
                  "that is never closed");
}

fetch line_stream::next() {
  if (failure_) return fetch::failed;
  begin_ = next_;
  text_end_ = next_;
  first_line_ = last_line_ + 1;
  return find_end(next_);
}

fetch line_stream::extend() {
  if (failure_) return fetch::failed;
  const auto before = text_end_ - begin_;
  const auto outcome = find_end(next_);
  if (outcome == fetch::end) text_end_ = begin_ + before;
  return outcome;
}

// Looks for the end of the line that begins at `from`; refills, and so moves the record, as needed.
fetch line_stream::find_end(std::size_t from) {
  auto searched = from;
  for (;;) {
    const auto* found =
        static_cast<const char*>(std::memchr(buffer_.data() + searched, '\n', filled_ - searched));
    if (found != nullptr) {
      text_end_ = static_cast<std::size_t>(found - buffer_.data());
      next_ = text_end_ + 1;
      break;
    }
    searched = filled_;
    const auto from_before = from;
    if (!refill(from)) return fetch::failed;
    searched -= from_before - from;
    if (searched == filled_ && source_ended_) {
      if (from == filled_) return fetch::end;
      text_end_ = filled_;
      next_ = filled_;
      break;
    }
  }
  if (text_end_ - begin_ > max_record_bytes) return fail_long();
  if (text_end_ > from && buffer_[text_end_ - 1] == '\r') --text_end_;
  ++last_line_;
  return fetch::record;
}

// Moves the current record to the front and reads on. `from` moves with it.
bool line_stream::refill(std::size_t& from) {
  if (begin_ > 0) {
    std::memmove(buffer_.data(), buffer_.data() + begin_, filled_ - begin_);
    from -= begin_;
    filled_ -= begin_;
    text_end_ -= begin_;
    next_ = next_ >= begin_ ? next_ - begin_ : 0;
    begin_ = 0;
  }
  if (filled_ > max_record_bytes + 2) {
    fail_long();
    return false;
  }
  if (filled_ == buffer_.size()) buffer_.resize(buffer_.size() * 2);
  if (!fill()) return false;
  if (at_start_) {
    at_start_ = false;
    while (filled_ < byte_order_mark.size() && !source_ended_)
      if (!fill()) return false;
    if (std::string_view{buffer_.data(), filled_}.starts_with(byte_order_mark)) {
      std::memmove(buffer_.data(), buffer_.data() + byte_order_mark.size(), filled_ - byte_order_mark.size());
      filled_ -= byte_order_mark.size();
    }
  }
  return true;
}

// One read, behind what is there.
bool line_stream::fill() {
  auto got = source_->read(std::span{buffer_}.subspan(filled_));
  if (!got) {
    failure_ = got.failure();
    return false;
  }
  source_ended_ = *got == 0;
  const auto* fresh = buffer_.data() + filled_;
  if (const auto* nul = static_cast<const char*>(std::memchr(fresh, '\0', *got)); nul != nullptr) {
    const auto* unread = buffer_.data() + next_;
    const auto line = last_line_ + 1 + static_cast<std::uint64_t>(std::count(unread, nul, '\n'));
    fail(errc::invalid_data,
         name_ + ":" + std::to_string(line) +
             ": a NUL byte: this is a binary file, or text that is not UTF-8, or it was damaged by a "
             "crash; give a text log (iconv converts UTF-16, `tr -d '\\000'` drops NUL bytes)");
    return false;
  }
  filled_ += *got;
  return true;
}

} // namespace forestage::adapters::logs
