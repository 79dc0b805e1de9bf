// What a GET or HEAD of a file is answered with, decided from the request and facts of the file: 200, 206,
// 304 or 416. Pure: who sends it opens and reads (RFC 9110 §13 and §14).
#pragma once

#include "adapters/gateway/message.hpp"
#include "adapters/gateway/range.hpp"

#include <cstdint>
#include <ctime>
#include <string>

namespace forestage::adapters::gateway {

struct file_facts {
  std::uint64_t size = 0;
  std::time_t changed = 0; // unix seconds
  std::string entity_tag;  // with its quotes; strong, for a weak one is never equal for If-Range
};

struct file_answer {
  int status = 200;
  std::uint64_t from = 0, length = 0; // of the bytes to send
  header_fields headers;              // ETag, Last-Modified, Accept-Ranges, Content-Range
};

[[nodiscard]] file_answer answer_with_file(const request& asked, const file_facts& file);

// Of a file that has no tag of its own.
[[nodiscard]] std::string entity_tag_of(std::uint64_t size, std::int64_t changed_nanoseconds);

} // namespace forestage::adapters::gateway
