#include "grading/student/compiler_rules.hpp"

namespace gradus {
namespace {

// Where what is often forgotten comes from.
const std::map<std::string, std::string> kHeaders = {{"vector", "vector"},
                                                     {"string", "string"},
                                                     {"span", "span"},
                                                     {"array", "array"},
                                                     {"map", "map"},
                                                     {"set", "set"},
                                                     {"pair", "utility"},
                                                     {"move", "utility"},
                                                     {"swap", "utility"},
                                                     {"function", "functional"},
                                                     {"max", "algorithm"},
                                                     {"min", "algorithm"},
                                                     {"clamp", "algorithm"},
                                                     {"sort", "algorithm"},
                                                     {"max_element", "algorithm"},
                                                     {"fill", "algorithm"},
                                                     {"copy", "algorithm"},
                                                     {"ranges", "algorithm"},
                                                     {"accumulate", "numeric"},
                                                     {"iota", "numeric"},
                                                     {"inner_product", "numeric"},
                                                     {"numeric_limits", "limits"},
                                                     {"sqrt", "cmath"},
                                                     {"exp", "cmath"},
                                                     {"log", "cmath"},
                                                     {"log1p", "cmath"},
                                                     {"expm1", "cmath"},
                                                     {"pow", "cmath"},
                                                     {"abs", "cmath"},
                                                     {"fabs", "cmath"},
                                                     {"tanh", "cmath"},
                                                     {"isnan", "cmath"},
                                                     {"isfinite", "cmath"},
                                                     {"isinf", "cmath"},
                                                     {"floor", "cmath"},
                                                     {"hypot", "cmath"},
                                                     {"cout", "iostream"},
                                                     {"cerr", "iostream"},
                                                     {"endl", "iostream"},
                                                     {"printf", "cstdio"},
                                                     {"int64_t", "cstdint"},
                                                     {"uint32_t", "cstdint"},
                                                     {"invalid_argument", "stdexcept"},
                                                     {"runtime_error", "stdexcept"}};

constexpr const char* kBraceAbove =
    "a function begins inside of another one: is a } missing above?";
constexpr const char* kUnchangeable =
    "what stands left of the = can't be changed here: an element of a const Matrix, or what a "
    "function returns?";

const CompilerRule kRules[] = {
    // Marks that are missing or too many.
    {"expected '}'|expected declaration at end of input", "a { is never closed: a } is missing"},
    {"expected declaration before '}'|extraneous closing brace",
     "there is a } too many, here or above"},
    {"function.definition is not allowed here|empty parentheses .*function declaration|"
     "qualified-id in declaration before",
     kBraceAbove},
    {"expected '\\)'|expected '\\)' before", "a closing bracket ) is missing here"},
    {"expected '\\]'", "a closing bracket ] is missing here"},
    {"expected '\\('", "an opening bracket ( is missing here"},
    {"expected (',' or )?';' before",
     "a ; is missing just before this place, perhaps at the end of the line above"},
    {"expected ';'", "a ; is missing here"},
    {"missing terminating", "a quotation mark is never closed"},
    {"numeric literal operator 'operator\"\"|character <U\\+[0-9A-F]+>|stray '|unexpected "
     "character",
     "a character here is no C++: was it copied from a page, or typed in Korean width (； for ;)?"},
    {"'else' without a previous 'if'|expected expression$.*else",
     "this else has no if before it: is a ; behind the if, or a pair of { } missing?"},
    {"empty body|empty body in an 'if'",
     "a ; right behind the condition ends it: what follows runs in any case"},
    // Names.
    {"fatal error: '?([^':]+)'?(: No such file| file not found)|'([^']+)' file not found|^([^:]+): "
     "No such file",
     "there is no file of this name to include: is it spelt as in the other chapters?"},
    {"'([^']+)' (was not declared|does not name a type|has not been declared).*did you mean "
     "'([^']+)'",
     "$1 is unknown here: is $3 meant?"},
    {"(undeclared identifier|unknown type name|no template named) '([^']+)'; did you mean "
     "'([^']+)'",
     "$2 is unknown here: is $3 meant?"},
    {"no member named '([^']+)' in '([^']+)'",
     "$2 has no member $1: its header lists what there is"},
    {"'(const )?(class |struct )?([^']+)' has no member named '([^']+)'",
     "$3 has no member $4: its header lists what there is"},
    {"'([^']+)' (was not declared|does not name a (template )?type|has not been "
     "declared)|(undeclared identifier|unknown type name) '([^']+)'",
     "$1$5 is unknown at this place: is it spelt as where it is declared, and does that stand "
     "above?"},
    // Definitions.
    {"ambiguating new declaration|functions that differ only in their return type",
     "this function returns another type than its declaration in the header says"},
    {"redefinition of '(default argument|[^']*)'",
     "$1 is defined twice: in this file, or here and in a header"},
    {"redeclaration of '([^']*)'",
     "$1 is declared twice: the second time, leave its type away or take another name"},
    // const.
    {"binding reference of type .*discards qualifiers|drops 'const' qualifier",
     "something const is given to a function that may change it: take a copy, or let the function "
     "take it by const reference"},
    {"discards qualifiers|not marked const", "something const is asked to change itself"},
    {"read-only (parameter|variable|reference|location|member)|with const-qualified type|returns a "
     "const value",
     "it is const, so it can't be changed: remove the const, or take a copy and change that"},
    {"lvalue required as left operand|expression is not assignable|read-only object",
     kUnchangeable},
    {"uninitialized 'const|uninitialized const|default initialization of an object of const type",
     "a const variable needs its value where it is declared"},
    // Calls.
    {"too few arguments", "this call has fewer arguments than the function has parameters"},
    {"too many arguments", "this call has more arguments than the function has parameters"},
    {"no match for 'operator\\[\\]'.*Matrix|type '(const )?Matrix' does not provide a subscript",
     "an element of a Matrix is m(i, j), in round brackets; m.row(i) is one of its rows"},
    {"no match for call to '\\((const )?Matrix\\)|call to object of type '(const )?Matrix'",
     "an element of a Matrix needs a row and a column: m(i, j)"},
    {"no match for 'operator(.*)' \\(operand types are '(const )?Matrix' and '(const "
     ")?Matrix'|invalid operands to binary expression \\('(const )?Matrix' .*and '(const )?Matrix'",
     "matrices have no such operator here: write the loops, or call the function for it"},
    {"no match for 'operator|invalid operands to binary expression",
     "this operator does not go with the types of its two sides"},
    {"type 'int \\(Matrix::\\)|non-static member function must be called|invalid use of "
     "(non-static )?member function",
     "this is a function: it needs its brackets, as in x.rows()"},
    // Types.
    {"return-statement with no value|should return a value",
     "this return gives nothing back, but the function has to return a value"},
    {"no return statement|control reaches end|does not return a value",
     "the function can come to its end without a return: it must return a value there"},
    {"return-statement with a value|should not return a value",
     "this function returns nothing (void), so its return takes no value"},
    {"cannot convert '(const )?([^']+)' to '([^']+)' in return|could not convert .* from '(const "
     ")?([^']+)' to '([^']+)'.*return|returned value of type '(const )?([^']+)' to function return "
     "type '([^']+)'",
     "what is returned is of type $2$5$8, but the function returns $3$6$9"},
    {"void value not ignored|rvalue of type 'void'",
     "the function on the right returns nothing (void), so there is no value to take"},
    {"narrowing conversion|cannot be narrowed|narrowed from type",
     "a number may not fit: sizes of the standard library are unsigned; write "
     "static_cast<int>(v.size())"},
    {"different signedness|different signs",
     "an int is compared with an unsigned size: write static_cast<int>(v.size()), or let the index "
     "be std::size_t"},
    {"(cannot|could not) convert .*'(const )?([^' ]+)'( \\{aka [^}]*\\})? to '(const )?([^']+)'|no "
     "viable conversion from '(const )?([^']+)' to '(const )?([^']+)'|conversion from '(const "
     ")?([^']+)' to non-scalar type '([^']+)'",
     "a value of type $3$8$12 stands where $6$10$13 is needed"},
    {"invalid conversion from '([^']+)' to '([^']+)'",
     "a value of type $1 stands where $2 is needed"},
    {"cannot initialize .*of type '([^']+)' with an? .value of type '([^']+)'",
     "a value of type $2 stands where $1 is needed"},
    // Warnings that are errors where somebody asks for it.
    {"assignment used as truth value|result of an assignment as a condition",
     "= gives a value, == compares: is == meant?"},
    {"unused (variable|parameter) '([^']+)'",
     "$2 is not used: is it forgotten further down, or can it go?"},
    {"variable '([^']+)' set but not used",
     "$1 gets a value that nothing reads: is it forgotten further down?"},
};

}  // namespace

std::span<const CompilerRule> compiler_rules() { return kRules; }

const std::map<std::string, std::string>& library_headers() { return kHeaders; }

}  // namespace gradus
