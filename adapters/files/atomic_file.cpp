#include "adapters/files/atomic_file.hpp"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <cstdlib>
#include <cstring>
#include <utility>

namespace forestage::files {
namespace {

using models::errc;

// Where a path leads to when links are followed; a path that does not exist yet stands for itself.
std::string resolved(const std::string& path) {
  char* real = ::realpath(path.c_str(), nullptr);
  if (real == nullptr) return path;
  std::string text{real};
  std::free(real); // NOLINT: realpath allocates with malloc
  return text;
}

std::string directory_of(const std::string& path) {
  const auto slash = path.rfind('/');
  if (slash == std::string::npos) return ".";
  return slash == 0 ? "/" : path.substr(0, slash);
}

} // namespace

std::string describe_failure(std::string_view doing, std::string_view path, int code) {
  std::string text = "cannot " + std::string{doing} + " " + std::string{path} + ": ";
  switch (code) {
  case ENOSPC:
    return text + "the disk is full; free some space or choose another directory";
  case EDQUOT:
    return text + "the disk quota is used up; free some space or choose another directory";
  case EFBIG:
    return text + "the file would be larger than the limit on file sizes; raise it (ulimit -f)";
  case EACCES:
  case EPERM:
  case EROFS:
    return text + "not permitted; choose a directory that you may write to";
  case ENOENT:
  case ENOTDIR:
    return text + "the file or its directory does not exist; create the directory first";
  case EPIPE:
    return text + "the reader closed its end early";
  default:
    return text + std::strerror(code);
  }
}

models::status atomic_file::failed(std::string_view doing, int code) {
  auto text = describe_failure(doing, path_, code);
  discard();
  return {errc::storage_failed, std::move(text)};
}

models::result<atomic_file> atomic_file::open(const std::string& path) {
  if (path.empty()) return {errc::invalid_argument, "the name of the file to write is empty"};
  atomic_file file;
  file.path_ = path;
  file.target_ = resolved(path);
  struct stat there = {};
  const bool exists = ::stat(file.target_.c_str(), &there) == 0;
  if (exists && S_ISDIR(there.st_mode))
    return {errc::invalid_argument, path + " is a directory; give the name of a file"};
  if (exists && !S_ISREG(there.st_mode)) {
    file.descriptor_ = ::open(file.target_.c_str(), O_WRONLY | O_CLOEXEC);
    if (file.descriptor_ < 0) return file.failed("open", errno).failure();
    return file;
  }
  // The process id keeps two writers apart; the counter, two files of one process and what a killed process
  // left behind.
  for (int attempt = 0; attempt < 1'000; ++attempt) {
    auto name = file.target_ + "." + std::to_string(::getpid()) + "-" + std::to_string(attempt) + ".tmp";
    file.descriptor_ =
        ::open(name.c_str(), O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, exists ? there.st_mode & 0777U : 0666U);
    if (file.descriptor_ >= 0) {
      file.temporary_ = std::move(name);
      return file;
    }
    if (errno != EEXIST) break;
  }
  return file.failed("create", errno).failure();
}

models::status atomic_file::write(std::string_view bytes) {
  if (descriptor_ < 0) return {errc::internal, "a write to " + path_ + " after it was closed"};
  while (!bytes.empty()) {
    const auto written = ::write(descriptor_, bytes.data(), bytes.size());
    if (written < 0) {
      if (errno == EINTR) continue;
      return failed("write", errno);
    }
    bytes.remove_prefix(static_cast<std::size_t>(written));
  }
  return models::success();
}

models::status atomic_file::commit() {
  if (descriptor_ < 0) return {errc::internal, "a commit of " + path_ + " after it was closed"};
  const bool in_place = temporary_.empty();
  if (!in_place && ::fsync(descriptor_) != 0) return failed("write", errno);
  if (::close(std::exchange(descriptor_, -1)) != 0) return failed("write", errno);
  if (in_place) return models::success();
  if (::rename(temporary_.c_str(), target_.c_str()) != 0) return failed("put in place", errno);
  temporary_.clear();
  // The name is durable once its directory is. Some file systems cannot do this; the rename itself has
  // succeeded.
  if (const int directory = ::open(directory_of(target_).c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC);
      directory >= 0) {
    ::fsync(directory);
    ::close(directory);
  }
  return models::success();
}

void atomic_file::discard() noexcept {
  if (descriptor_ >= 0) ::close(std::exchange(descriptor_, -1));
  if (!temporary_.empty()) ::unlink(temporary_.c_str());
  temporary_.clear();
}

atomic_file::atomic_file(atomic_file&& other) noexcept
    : descriptor_(std::exchange(other.descriptor_, -1))
    , path_(std::move(other.path_))
    , target_(std::move(other.target_))
    , temporary_(std::exchange(other.temporary_, {})) {}

atomic_file& atomic_file::operator=(atomic_file&& other) noexcept {
  if (this != &other) {
    discard();
    descriptor_ = std::exchange(other.descriptor_, -1);
    path_ = std::move(other.path_);
    target_ = std::move(other.target_);
    temporary_ = std::exchange(other.temporary_, {});
  }
  return *this;
}

atomic_file::~atomic_file() {
  discard();
}

} // namespace forestage::files
