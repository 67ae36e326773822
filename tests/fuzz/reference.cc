// SPDX-License-Identifier: Apache-2.0
// References of API requests, and the pods' names and labels that workloads are named by.
#include "daemon/attribution/container_reference.h"
#include "daemon/attribution/workload.h"
#include "tests/fuzz/fuzz.h"

namespace capmon {
namespace {

Container Named(const std::string& key, const std::string& pod) {
  Container container;
  container.key = key;
  container.kind = ContainerKind::kContainer;
  container.id = std::string(64, 'a') + key;
  container.name = "web";
  container.runtime = "docker";
  container.image = "registry:5000/shop/web:1";
  container.pod = pod;
  container.pod_namespace = "shop";
  container.cgroup_path = "/docker/" + container.id;
  return container;
}

}  // namespace
}  // namespace capmon

int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  using namespace capmon;
  std::string_view rest = AsText(data, size);
  const std::string reference(TakePart(rest));
  const std::string pod(TakePart(rest));
  const std::string label(TakePart(rest));
  Container first = Named("1", pod);
  first.workload = WorkloadOf(pod, {{label, std::string(rest)}}).name;
  const Container second = Named("2", "web-0");
  const auto key = Resolve(reference, {&first, &second});
  if (key.ok()) Require(*key == "1" || *key == "2", "a reference means one of the containers");
  return 0;
}
