// SPDX-License-Identifier: Apache-2.0
// A directory of the test's own, removed with the object. Other users may read it, so that a test
// can pass files to them.
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

// Returns the whole file; empty if it cannot be read.
std::string ReadFile(const std::string& path);
// Creates or replaces the file; false on an error.
bool WriteFile(const std::string& path, const std::string& text);

}  // namespace capmon
