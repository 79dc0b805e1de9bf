// A SQLite VFS over the system's that knows what a disk would still have after power loss, and that can be
// full or refuse.
//
// It passes everything on and remembers, per file, what was synced and every write since. An image is what
// could be found after the power went at that moment: each unsynced write is there, is not, or is torn at
// 512-byte sectors, in any combination (so later writes may survive earlier ones). Synced bytes stay, and a
// write does not harm bytes beside it: what SQLite calls powersafe overwrite, and assumes of disks by
// default. Threading: one thread.
#pragma once

#include <cstdint>
#include <filesystem>
#include <functional>
#include <limits>
#include <map>
#include <random>
#include <string>
#include <vector>

namespace forestage::tests {

class power_loss_disk {
public:
  power_loss_disk();
  power_loss_disk(const power_loss_disk&) = delete;
  power_loss_disk& operator=(const power_loss_disk&) = delete;
  ~power_loss_disk();

  // The name to open databases with.
  [[nodiscard]] const std::string& name() const { return name_; }

  // Called before every write and every sync: the moments between which power can go.
  std::function<void()> before_operation;
  // Writes that would take the sum of the files past this many bytes are refused as by a full disk.
  std::uint64_t capacity_bytes = std::numeric_limits<std::uint64_t>::max();
  // This many syncs are refused from now on.
  int refuse_syncs = 0;

  // How many writes to a file, named without its directory, a loss of power would put at risk.
  [[nodiscard]] std::uint64_t unsynced_writes(const std::string& name) const;
  // Writes what could be found after a loss of power now into an existing directory.
  void image(const std::filesystem::path& directory, std::mt19937_64& engine) const;

  // What the VFS reports; for power_loss_disk.cpp.
  struct disk_write {
    std::uint64_t offset = 0;
    std::string bytes;
    bool truncates = false; // the file ends at offset
  };
  struct tracked_file {
    std::string synced;
    std::vector<disk_write> pending;
    std::uint64_t size = 0;
  };
  [[nodiscard]] tracked_file& tracked(const std::string& path) { return files_[path]; }
  void forget(const std::string& path) { files_.erase(path); }
  [[nodiscard]] std::uint64_t used_bytes() const;

private:
  struct registration;

  std::string name_;
  std::map<std::string, tracked_file> files_;
  registration* registered_;
};

} // namespace forestage::tests
