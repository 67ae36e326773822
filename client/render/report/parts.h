// SPDX-License-Identifier: Apache-2.0
// The parts of the report's page.
#pragma once

#include "client/render/report/html.h"
#include "client/render/report/report.h"

namespace capmon {

// The figures at the top.
void RenderTiles(Html& html, const Findings& report);
// Cells of the first `linked` containers link to their sections.
void RenderMatrixTable(Html& html, const Findings& report, size_t rows, size_t linked);
// One container: verdicts, recommendation, settings, confidence.
void RenderSection(Html& html, const ReportedContainer& container, size_t number, bool open);

// "w3": the id of the section of container 3.
std::string SectionId(size_t number);
// "w3-NET_RAW": the id of the verdict on one capability.
std::string VerdictId(size_t number, const std::string& short_name);

}  // namespace capmon
