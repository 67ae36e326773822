// SPDX-License-Identifier: Apache-2.0
// The parts of the report's page.
#pragma once

#include <map>
#include <string>
#include <vector>

#include "client/render/report/html.h"
#include "client/render/report/report.h"
#include "client/risk/band.h"

namespace capmon {

// The page's order: containers first, then the host, units and sessions; worst first in both.
struct Arranged {
  Findings report;
  std::vector<Band> bands;  // of each workload
  size_t containers = 0;    // the first ones
  size_t sections = 0;      // workloads beyond these have none

  bool HasSection(size_t number) const {
    return number < sections && report.workloads[number].profile.has_value();
  }
};
Arranged Arrange(Findings report);

// Warnings and blind spots of several workloads. The page shows each once.
class SharedNotes {
 public:
  explicit SharedNotes(const Arranged& page);
  // Returns the number of the note, from 1; 0 if the text belongs to one workload.
  size_t NumberOf(const std::string& text) const;
  void Render(Html& html, const Arranged& page) const;

 private:
  struct Note {
    std::string text;
    const char* kind;
    std::vector<size_t> workloads;
  };
  std::vector<Note> notes_;
  std::map<std::string, size_t> numbers_;
};

// The worst findings as sentences, each with what to do.
void RenderAnswers(Html& html, const Arranged& page, size_t most);
void RenderChanges(Html& html, const Arranged& page, size_t most);
// The figures.
void RenderTiles(Html& html, const Arranged& page);
// Rows of the workloads from `begin` on, up to `end`. Cells link to verdicts.
void RenderMatrixTable(Html& html, const Arranged& page, size_t begin, size_t end);
// One workload: verdicts, recommendation, settings, confidence.
void RenderSection(Html& html, const Arranged& page, const SharedNotes& notes, size_t number,
                   bool open);
// What was lost, what that costs, and what to do about it.
void RenderLosses(Html& html, const google::protobuf::Map<std::string, uint64_t>& by_cause);
// Of capmond as a whole; nothing if nothing was lost.
void RenderAllLosses(Html& html, const v1::Status& status);

// The name of a severity, coloured.
void RenderBand(Html& html, Band band);
// The name; links to the section if there is one.
void RenderNameLink(Html& html, const Arranged& page, size_t number);
// "2026-01-31 12:00:00 UTC"
std::string UtcText(int64_t seconds);
// "1 workload", "2 workloads"
std::string Counted(uint64_t count, const char* one, const char* many);

// "w3": the id of the section of workload 3.
std::string SectionId(size_t number);
// "w3-NET_RAW": the id of the verdict on one capability.
std::string VerdictId(size_t number, const std::string& short_name);
// "w3-as-k8s": the id of ready-made settings.
std::string SettingsId(size_t number, const std::string& kind);
// "w3-lost"
std::string LossesId(size_t number);
inline constexpr char kAllLossesId[] = "losses";
inline constexpr char kChangesId[] = "changes";

}  // namespace capmon
