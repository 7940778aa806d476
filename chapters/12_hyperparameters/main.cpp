// 12: TODO what is seen, in a few words for ./gradus list.
//                                                                 docs/12_hyperparameters.md

#include "chapters/12_hyperparameters/experiment.hpp"
#include "common/report.hpp"

using namespace gradus;
using namespace gradus::hyperparameters;

namespace {

void print_runs() {
  heading("TODO: what the table shows");
  Table table({"factor", "y"});
  for (Scalar factor : {1, 2}) {
    const Run run = run_with(factor);
    table.row({number(run.factor), number(run.y)});
  }
  table.print();
}

}  // namespace

int main() {
  return run_chapter("12 hyperparameters", [] {
    print_runs();
    // TODO: a figure, show(figure), and the chapter's own number beside that of the notes.
    return Headline{"–", "–"};
  });
}
