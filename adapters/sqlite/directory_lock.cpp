// flock(2) on `demand.lock`: see the header.
#include "adapters/sqlite/directory_lock.hpp"

#include <fcntl.h>
#include <sys/file.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <cstdlib>
#include <string>
#include <system_error>

namespace forestage::adapters {

using models::errc;
using models::result;

namespace {

constexpr auto lock_name = "demand.lock";

models::error refused(const std::filesystem::path& place, const char* what, int code) {
  return {errc::storage_failed, place.string() + ": " + what + ": " + std::generic_category().message(code) +
                                    "; check that the path exists, its owner and its permissions"};
}

// The process id that the holder wrote; empty while it is still writing it.
std::string holder(int file) {
  std::array<char, 32> text{};
  const auto count = ::pread(file, text.data(), text.size() - 1, 0);
  const auto number = count > 0 ? std::strtol(text.data(), nullptr, 10) : 0;
  return number > 0 ? "process " + std::to_string(number) : std::string{"another process"};
}

} // namespace

result<directory_lock> directory_lock::acquire(const std::filesystem::path& directory) {
  std::error_code problem;
  const bool made = std::filesystem::create_directories(directory, problem);
  if (problem) return refused(directory, "cannot make the data directory", problem.value());
  if (made)
    if (auto synced = sync_directory(std::filesystem::absolute(directory).parent_path()); !synced)
      return synced.failure();

  const auto place = directory / lock_name;
  const int file = ::open(place.c_str(), O_RDWR | O_CREAT | O_CLOEXEC, 0644);
  if (file < 0) return refused(place, "cannot open the lock file", errno);
  directory_lock lock{file};
  while (::flock(file, LOCK_EX | LOCK_NB) != 0) {
    if (errno == EINTR) continue;
    if (errno != EWOULDBLOCK) return refused(place, "cannot lock the data directory", errno);
    return {errc::locked, directory.string() + " is held by " + holder(file) +
                              ": stop it, or give this one another data directory"};
  }
  // For people and for the message above; a failure (a full disk) does not weaken the lock.
  const auto text = std::to_string(::getpid()) + "\n";
  if (::ftruncate(file, 0) != 0 || ::pwrite(file, text.data(), text.size(), 0) < 0) errno = 0;
  return lock;
}

directory_lock::~directory_lock() {
  if (file_ >= 0) ::close(file_);
}

models::status sync_directory(const std::filesystem::path& directory) {
  const int file = ::open(directory.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC);
  // A directory that may be written but not read cannot be waited for.
  if (file < 0)
    return errno == EACCES ? models::success() : refused(directory, "cannot open the directory", errno);
  const int failed = ::fsync(file) == 0 ? 0 : errno;
  ::close(file);
  // Some file systems have nothing to wait for and say so.
  if (failed == 0 || failed == EINVAL) return models::success();
  return refused(directory, "cannot write the directory", failed);
}

} // namespace forestage::adapters
