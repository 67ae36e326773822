// SPDX-License-Identifier: Apache-2.0
// Derives the Kubernetes workload of a pod from its labels and name, without the API server. Pure.
#pragma once

#include <map>
#include <string>

namespace capmon {

struct WorkloadName {
  std::string name;       // "deploy/web", "ds/", "sts/", "job/", "cronjob/", "static/"; or empty
  bool inferred = false;  // from the form of a name, not from labels

  friend bool operator==(const WorkloadName&, const WorkloadName&) = default;
};

// The controllers' own labels decide:
//   pod-template-hash                        a Deployment; pods are NAME-HASH-xxxxx
//   statefulset.kubernetes.io/pod-name       a StatefulSet; NAME-0
//   controller-revision-hash otherwise       a DaemonSet; NAME-xxxxx
//   batch.kubernetes.io/job-name, job-name   a Job; of a CronJob if it ends in the time it was due,
//                                            -NNNNNNNN (inferred: people may name a Job so)
//   the annotation kubernetes.io/config.source=file   a static pod; NAME-NODE
// Without labels only a Deployment's pods look like nothing else: NAME-HASH-xxxxx in the letters
// that Kubernetes' random names are made of (inferred). `labels` may hold annotations as well.
WorkloadName WorkloadOf(const std::string& pod, const std::map<std::string, std::string>& labels);

}  // namespace capmon
