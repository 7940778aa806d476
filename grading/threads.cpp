// omp_set_num_threads() and omp_get_max_threads() as the chapter's tests call them: what they say
// about threads is meant for the submission, which runs in the worker.
#include "grading/session.hpp"

extern "C" {

void omp_set_num_threads(int count) { gradus::wire::Session::current().use_threads(count); }

int omp_get_max_threads() { return gradus::wire::Session::current().threads(); }

}  // extern "C"
