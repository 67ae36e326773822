// SPDX-License-Identifier: Apache-2.0
// What capmond asks about files and processes of containers, and the answer: plain data, because
// another process answers (reading_process.h).
#pragma once

#include <cstdint>
#include <optional>
#include <string>

#include "daemon/model/capability.h"
#include "daemon/model/held_sets.h"
#include "daemon/model/kernel_event.h"

namespace capmon {

struct FileQuestion {
  enum class Kind : uint32_t {
    kNothing,  // only whether there is an answer
    kFile,     // the capabilities that an executed file carries
    kUserMap,  // the users of a process's namespace
    kRoot,     // opens the root file system of a container that is being prepared
    kForget,   // the cgroup is gone: lets go of its root file system
  };
  Kind kind = Kind::kNothing;
  CgroupId cgroup = 0;
  uint32_t pid = 0;
  uint32_t exe = 0;        // low half of its inode number; 0: the process runs another program
  uint32_t first_pid = 0;  // another process of the same cgroup; 0: none is known
  std::string path;        // as given to execve
  std::string root;        // of the container, on this host; "" when not known
  uint32_t device = 0;  // of the file's file system, as the kernel keeps the number; 0: not known
  std::string path_on_device;  // the file's path in it; "" when not known
  TimeNs time = 0;  // of the exec: a file that was changed since is another one; 0: not known
};

struct FileAnswer {
  bool known = false;
  CapabilitySet permitted;
  bool effective = false;
  IdMap ids;
};

// As one message. Strings are cut off at PATH_MAX: the kernel opens nothing longer.
std::string Encode(const FileQuestion& question);
std::string Encode(const FileAnswer& answer);
// Nothing where the bytes are none.
std::optional<FileQuestion> DecodeQuestion(const std::string& bytes);
std::optional<FileAnswer> DecodeAnswer(const std::string& bytes);
inline constexpr size_t kMaxMessage = 16384;

}  // namespace capmon
