// One process at a time holds a data directory: an exclusive flock on a file in it, which also names the
// holder.
//
// The kernel releases the lock when the process ends, however it ends; the file stays and means nothing by
// itself. A fork without an exec would share the lock: such a child has to leave the directory alone. Not for
// network file systems.
#pragma once

#include "models/result.hpp"

#include <filesystem>
#include <utility>

namespace forestage::adapters {

class directory_lock {
public:
  // Makes the directory where it is missing. Errors: locked, with the process id of the holder;
  // storage_failed.
  [[nodiscard]] static models::result<directory_lock> acquire(const std::filesystem::path& directory);

  directory_lock(directory_lock&& other) noexcept
      : file_(std::exchange(other.file_, -1)) {}
  directory_lock& operator=(directory_lock&& other) noexcept {
    std::swap(file_, other.file_);
    return *this;
  }
  ~directory_lock();

private:
  explicit directory_lock(int file)
      : file_(file) {}
  int file_;
};

// Waits until the names in a directory are on the disk. Errors: storage_failed.
[[nodiscard]] models::status sync_directory(const std::filesystem::path& directory);

} // namespace forestage::adapters
