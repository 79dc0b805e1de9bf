// The bytes of a log, decompressed: plain, gzip (also of several members) or zstd (also of several frames),
// told apart by their first bytes. A compressed file that ends before its last member does is an error, never
// a shorter log.
#pragma once

#include "models/result.hpp"

#include <cstddef>
#include <cstdint>
#include <memory>
#include <span>
#include <string>
#include <string_view>

namespace forestage::adapters::logs {

// What is read: a regular file, up to the size it had when inspected, or bytes in memory that outlive the
// reader.
struct input {
  std::string name; // for messages; the path of a file
  bool in_memory = false;
  std::string_view bytes; // in memory only
  std::uint64_t size = 0;
};

// Errors: not_found, invalid_argument (a folder, a pipe or a device: two passes are made), invalid_data
// (empty).
[[nodiscard]] models::result<input> inspect_file(const std::string& path);
[[nodiscard]] input memory_input(std::string name, std::string_view bytes);

class byte_source {
public:
  byte_source() = default;
  byte_source(const byte_source&) = delete;
  byte_source& operator=(const byte_source&) = delete;
  virtual ~byte_source() = default;

  // Fills the front of `out` and returns how many bytes; 0 is the end. Errors: storage_failed, invalid_data.
  [[nodiscard]] virtual models::result<std::size_t> read(std::span<char> out) = 0;
  // Bytes taken from the file so far, as stored.
  [[nodiscard]] virtual std::uint64_t consumed() const noexcept = 0;
};

// Errors: storage_failed; invalid_argument for compression that is not read (xz, bzip2, zip, …), with the
// remedy.
[[nodiscard]] models::result<std::unique_ptr<byte_source>> open_source(const input& from);

// Decompressors over a raw source (compressed_source.cpp). `name` is for messages.
[[nodiscard]] std::unique_ptr<byte_source> make_gzip_source(std::unique_ptr<byte_source> raw,
                                                            std::string name);
[[nodiscard]] std::unique_ptr<byte_source> make_zstd_source(std::unique_ptr<byte_source> raw,
                                                            std::string name);

} // namespace forestage::adapters::logs
