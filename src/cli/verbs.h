#pragma once

#include "cli/arguments.h"

namespace foretime::cli {

// What the lines of commands.cc run: from arguments to a request of api/, from its result to a document of
// report/, and out. Each gives the exit code; Error: the request failed.

int run_inspect(const Arguments& arguments);
int run_predict(const Arguments& arguments);
int run_measure(const Arguments& arguments);
int run_compare(const Arguments& arguments);
int run_measurements_list(const Arguments& arguments);
int run_measurements_show(const Arguments& arguments);
int run_measurements_import(const Arguments& arguments);
int run_measurements_export(const Arguments& arguments);
int run_measurements_prune(const Arguments& arguments);
int run_convert(const Arguments& arguments);
int run_calibrate(const Arguments& arguments);
int run_fit(const Arguments& arguments);
int run_adapt(const Arguments& arguments);
int run_evaluate(const Arguments& arguments);
int run_dataset_export(const Arguments& arguments);
int run_zoo_list(const Arguments& arguments);
int run_zoo_build(const Arguments& arguments);
int run_zoo_sweep(const Arguments& arguments);
int run_zoo_fusion(const Arguments& arguments);
int run_devices_list(const Arguments& arguments);
int run_devices_show(const Arguments& arguments);
int run_devices_import(const Arguments& arguments);
int run_completion(const Arguments& arguments);

}  // namespace foretime::cli
