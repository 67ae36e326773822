// SPDX-License-Identifier: Apache-2.0
// Ring records to kernel events: the kernel side's structs in, values out. Pure; when a record was
// written and which cgroup is charged is the caller's knowledge.
#pragma once

#include <optional>
#include <string>
#include <variant>

#include "bpf/capmon_events.h"
#include "daemon/model/kernel_event.h"

namespace capmon {

struct ExecRecord {
  const capmon_exec_record* exec = nullptr;
  const capmon_located_exec_record* located = nullptr;  // the same one; null: a short one

  const capmon_record_header& header() const { return exec->header; }
};

struct CgroupRecord {
  const capmon_record_header* header = nullptr;
  std::string path;
  bool made = false;  // else removed
};

// A record as the struct of its kind; monostate: of no known kind, or too short for its kind.
using Record = std::variant<std::monostate, const capmon_check_record*, CgroupRecord, ExecRecord,
                            const capmon_capset_record*, const capmon_exec_refused_record*,
                            const capmon_call_record*>;

// `data` must stay where it is while the result is in use.
Record ParseRecord(const void* data, size_t size);

// What a record's header means on this host.
struct RecordPlace {
  TimeNs time = 0;
  CgroupId cgroup = 0;  // to charge
};

ProcessExec Decode(const ExecRecord& record, const RecordPlace& place);
CapabilitiesSet Decode(const capmon_capset_record& record, const RecordPlace& place);
ExecRefused Decode(const capmon_exec_refused_record& record, const RecordPlace& place);
CallNoticed Decode(const capmon_call_record& record, const RecordPlace& place);
// The network settings around an exec; nothing when they could not be read.
std::optional<SurroundingsSeen> DecodeSurroundings(const capmon_exec_record& record,
                                                   const RecordPlace& place);
// All but the key and the callers, which need the kernel's symbols (check_namer.h).
CheckSampled Decode(const capmon_check_record& record, const RecordPlace& place);

}  // namespace capmon
