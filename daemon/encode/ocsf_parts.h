// SPDX-License-Identifier: Apache-2.0
// What the classes of OCSF have in common.
#pragma once

#include <string>
#include <vector>

#include "daemon/encode/encode_alert.h"
#include "daemon/encode/json_form.h"

namespace capmon {

// A class of the category Findings, by the version of the schema that its events name.
struct OcsfClass {
  int uid;
  const char* name;
  const char* version;
  std::vector<std::string> profiles;
};

struct OcsfResource {
  const char* type;
  std::string name, uid = "", name_space = "";
};

void PutClass(FormWriter& form, const Alert& alert, const OcsfClass& of);
void PutOccurrence(FormWriter& form, const Alert& alert);
void PutMetadata(FormWriter& form, const FeedMessage& message, const Sensor& sensor,
                 const OcsfClass& of);
void PutFinding(FormWriter& form, const Alert& alert);
void PutDevice(FormWriter& form, const Sensor& sensor);
// These, the workload and the pod.
void PutResources(FormWriter& form, const Alert& alert, std::vector<OcsfResource> resources);
// What has no attribute in any class.
void PutUnmapped(FormWriter& form, const Alert& alert, const Sensor& sensor);

// A timestamp_t: milliseconds since 1970; omits 0.
void PutOcsfTime(FormWriter& form, const char* key, TimeNs time);

}  // namespace capmon
