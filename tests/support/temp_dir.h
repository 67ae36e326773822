// SPDX-License-Identifier: Apache-2.0
// A directory of the test's own, gone with everything in it when the object is. Others may look in,
// so that a test can hand files to another user.
#pragma once

#include <string>

namespace capmon {

class TempDir {
 public:
  TempDir();
  ~TempDir();
  TempDir(const TempDir&) = delete;
  TempDir& operator=(const TempDir&) = delete;

  const std::string& path() const { return path_; }
  std::string operator/(const std::string& name) const { return path_ + "/" + name; }

 private:
  std::string path_;
};

// The whole file; empty when it cannot be read.
std::string ReadFile(const std::string& path);
// Makes or replaces it; false when that failed.
bool WriteFile(const std::string& path, const std::string& text);

}  // namespace capmon
