#include "adapters/tokens/key_files.hpp"

#include <dirent.h>
#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstring>
#include <memory>

namespace forestage::tokens {

using models::errc;
using models::error;

namespace {

constexpr std::size_t max_file_bytes = 16'384;

class descriptor {
public:
  explicit descriptor(int number) noexcept
      : number_(number) {}
  ~descriptor() {
    if (number_ >= 0) ::close(number_);
  }
  descriptor(const descriptor&) = delete;
  descriptor& operator=(const descriptor&) = delete;
  [[nodiscard]] int number() const noexcept { return number_; }

private:
  int number_;
};

error failed(const char* doing, const std::string& path, int code) {
  return {errc::storage_failed, std::string{"cannot "} + doing + " " + path + ": " + std::strerror(code) +
                                    "; check the path and the rights of this user"};
}

} // namespace

models::result<std::vector<std::string>> key_files(const std::string& directory) {
  const std::unique_ptr<DIR, int (*)(DIR*)> listing{::opendir(directory.c_str()), &::closedir};
  if (!listing && errno == ENOENT)
    return {errc::not_found,
            "there is no directory of keys " + directory + "; make a key: forestage token keys new"};
  if (!listing) return failed("list the keys in", directory, errno);
  struct stat mode = {};
  if (::fstat(::dirfd(listing.get()), &mode) != 0) return failed("look at", directory, errno);
  if ((mode.st_mode & S_IWOTH) != 0)
    return {errc::not_permitted,
            directory + ": everybody may add keys to it, so no token can be believed; chmod o-w it"};
  std::vector<std::string> names;
  while (const dirent* entry = ::readdir(listing.get())) {
    const std::string name{entry->d_name};
    if (!name.starts_with('.') && name.ends_with(".pem")) names.push_back(name);
  }
  std::sort(names.begin(), names.end());
  return names;
}

models::result<std::string> read_key_file(const std::string& path, secrecy secret) {
  // Not blocking: a pipe in place of a key must not hold us up.
  const descriptor file{::open(path.c_str(), O_RDONLY | O_CLOEXEC | O_NONBLOCK)};
  if (file.number() < 0 && errno == ENOENT) return {errc::not_found, "there is no key file " + path};
  if (file.number() < 0) return failed("read", path, errno);
  struct stat about = {};
  if (::fstat(file.number(), &about) != 0) return failed("look at", path, errno);
  if (!S_ISREG(about.st_mode)) return {errc::invalid_data, path + " is no plain file; a key must be one"};
  if (secret == secrecy::secret && (about.st_mode & 077U) != 0)
    return {errc::not_permitted, path +
                                     ": others may use this private key; chmod 600 it, and make a new key if "
                                     "somebody may have copied it"};
  if ((about.st_mode & S_IWOTH) != 0)
    return {errc::not_permitted, path + ": everybody may change this key; chmod o-w it"};
  std::string text(max_file_bytes + 1, '\0');
  std::size_t size = 0;
  while (size < text.size()) {
    const auto got = ::read(file.number(), text.data() + size, text.size() - size);
    if (got < 0 && errno == EINTR) continue;
    if (got < 0) return failed("read", path, errno);
    if (got == 0) break;
    size += static_cast<std::size_t>(got);
  }
  if (size > max_file_bytes) return {errc::invalid_data, path + " is larger than 16 kB: that is no key"};
  text.resize(size);
  return text;
}

models::status write_key_file(const std::string& path, std::string_view text, secrecy secret) {
  const mode_t mode = secret == secrecy::secret ? 0600 : 0644;
  const descriptor file{::open(path.c_str(), O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, mode)};
  if (file.number() < 0 && errno == EEXIST)
    return {errc::position_conflict,
            path + " is there already, and keys are never overwritten; choose another name"};
  if (file.number() < 0) return failed("write", path, errno);
  int wrong = 0;
  while (!text.empty() && wrong == 0) {
    const auto written = ::write(file.number(), text.data(), text.size());
    if (written >= 0)
      text.remove_prefix(static_cast<std::size_t>(written));
    else if (errno != EINTR)
      wrong = errno;
  }
  if (wrong == 0 && ::fsync(file.number()) != 0) wrong = errno;
  if (wrong == 0) return models::success();
  ::unlink(path.c_str());
  return failed("write", path, wrong);
}

} // namespace forestage::tokens
