// An output: a file that appears whole or not at all (atomic_file), or standard output. Compressed by suffix:
// .gz with gzip, .zst with zstd, anything else as it is. Writes are buffered. One thread per object. No
// exceptions.
#pragma once

#include "models/result.hpp"

#include <memory>
#include <string>
#include <string_view>

namespace forestage::files {

class output {
public:
  // path: a file, or "-" for standard output. Errors: those of atomic_file::open.
  [[nodiscard]] static models::result<output> open(const std::string& path);

  // Errors: storage_failed; only destruction makes sense then.
  [[nodiscard]] models::status write(std::string_view bytes);
  // Compresses and flushes what is left. Nothing may be written afterwards. Errors: storage_failed.
  [[nodiscard]] models::status finish();
  // Puts the file in place; finishes first when that was not done. Errors: storage_failed.
  [[nodiscard]] models::status commit();

  output(output&&) noexcept;
  output& operator=(output&&) noexcept;
  output(const output&) = delete;
  output& operator=(const output&) = delete;
  ~output(); // without commit: removes the temporary

private:
  class sink;
  explicit output(std::unique_ptr<sink> out);
  std::unique_ptr<sink> sink_;
};

} // namespace forestage::files
