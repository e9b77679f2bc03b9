#pragma once

// The readers behind the table in registry.cc; each file of this folder says what its tool writes.

#include "runtimes/import/report.h"

namespace foretime::import {

bool matches_onnxruntime(std::string_view text);
std::vector<ReportedRun> read_onnxruntime(std::string_view text, const std::string& origin);
bool matches_trtexec_times(std::string_view text);
std::vector<ReportedRun> read_trtexec_times(std::string_view text, const std::string& origin);
bool matches_trtexec_profile(std::string_view text);
std::vector<ReportedRun> read_trtexec_profile(std::string_view text, const std::string& origin);
bool matches_tflite(std::string_view text);
std::vector<ReportedRun> read_tflite(std::string_view text, const std::string& origin);
bool matches_openvino(std::string_view text);
std::vector<ReportedRun> read_openvino(std::string_view text, const std::string& origin);
bool matches_snpe(std::string_view text);
std::vector<ReportedRun> read_snpe(std::string_view text, const std::string& origin);
bool matches_ncnn(std::string_view text);
std::vector<ReportedRun> read_ncnn(std::string_view text, const std::string& origin);
bool matches_mvnc(std::string_view text);
std::vector<ReportedRun> read_mvnc(std::string_view text, const std::string& origin);

}  // namespace foretime::import
