// A file that appears whole or not at all. Bytes go to a temporary in the same directory; commit makes them
// durable and renames it over the target. A writer that is destroyed without commit removes its temporary and
// leaves an older target untouched. A target that exists and is not a regular file (a pipe, a device) is
// written in place: renaming over it would destroy it. A symbolic link is followed, so its target is
// replaced. One thread per object. No exceptions.
#pragma once

#include "models/result.hpp"

#include <cstddef>
#include <string>
#include <string_view>

namespace forestage::files {

class atomic_file {
public:
  // Errors: storage_failed (directory missing, not permitted, …), invalid_argument for an empty path or a
  // directory.
  [[nodiscard]] static models::result<atomic_file> open(const std::string& path);

  // Appends. After a failure only destruction makes sense. Errors: storage_failed, e.g. a full disk.
  [[nodiscard]] models::status write(std::string_view bytes);
  // Makes everything written durable and puts it in place; nothing may be written afterwards. Errors:
  // storage_failed; the temporary is removed then.
  [[nodiscard]] models::status commit();
  // The path as it was given.
  [[nodiscard]] const std::string& path() const noexcept { return path_; }

  atomic_file(atomic_file&& other) noexcept;
  atomic_file& operator=(atomic_file&& other) noexcept;
  atomic_file(const atomic_file&) = delete;
  atomic_file& operator=(const atomic_file&) = delete;
  ~atomic_file();

private:
  atomic_file() = default;
  void discard() noexcept;
  [[nodiscard]] models::status failed(std::string_view doing, int code);

  int descriptor_ = -1;
  std::string path_;
  std::string target_;    // path_ with links resolved
  std::string temporary_; // empty when written in place
};

// A sentence for an errno, with a remedy where there is one: "cannot write out.csv: no space left; …".
[[nodiscard]] std::string describe_failure(std::string_view doing, std::string_view path, int code);

} // namespace forestage::files
