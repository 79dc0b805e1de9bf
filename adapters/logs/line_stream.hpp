// Lines out of a byte source, in place and bounded: no line or record may be longer than 1 MiB, and none may
// hold a NUL byte (a binary file). A byte order mark at the start is dropped; LF and CRLF end a line; so does
// the end of the file.
#pragma once

#include "adapters/logs/byte_source.hpp"
#include "models/result.hpp"

#include <cstdint>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <vector>

namespace forestage::adapters::logs {

inline constexpr std::size_t max_record_bytes = std::size_t{1} << 20U;

enum class fetch : std::uint8_t {
  record = 0,    // there is one
  malformed = 1, // there is one, but its text does not follow the format
  end = 2,       // no more
  failed = 3,    // the file cannot be read on: failure() says why
};

class line_stream {
public:
  line_stream(std::unique_ptr<byte_source> source, std::string name);

  // The next line, without its end; the one before is gone. record, end or failed.
  [[nodiscard]] fetch next();
  // Adds the next line to the current one, the line break between them included. record, end (nothing added)
  // or failed.
  [[nodiscard]] fetch extend();

  // The current line or record; may be changed in place. Valid until the next call.
  [[nodiscard]] std::span<char> text() noexcept { return {buffer_.data() + begin_, text_end_ - begin_}; }
  [[nodiscard]] std::size_t size() const noexcept { return text_end_ - begin_; }
  // Number of its first line, from 1, and how many lines it has.
  [[nodiscard]] std::uint64_t first_line() const noexcept { return first_line_; }
  [[nodiscard]] std::uint64_t lines() const noexcept { return last_line_ - first_line_ + 1; }
  [[nodiscard]] std::uint64_t consumed() const noexcept { return source_->consumed(); }
  [[nodiscard]] const std::string& name() const noexcept { return name_; }
  // Precondition: a call returned failed.
  [[nodiscard]] const models::error& failure() const noexcept { return *failure_; }

private:
  fetch find_end(std::size_t from);
  bool refill(std::size_t& from);
  bool fill();
  fetch fail_long();
  fetch fail(models::errc code, std::string text);

  std::unique_ptr<byte_source> source_;
  std::string name_;
  std::vector<char> buffer_;
  std::size_t begin_ = 0;    // of the current record
  std::size_t text_end_ = 0; // its end, without the line break
  std::size_t next_ = 0;     // where the next line begins
  std::size_t filled_ = 0;   // end of the bytes read
  std::uint64_t first_line_ = 0;
  std::uint64_t last_line_ = 0;
  bool at_start_ = true;
  bool source_ended_ = false;
  std::optional<models::error> failure_;
};

} // namespace forestage::adapters::logs
