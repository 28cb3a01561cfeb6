// SPDX-FileCopyrightText: 2026 The Tactus Authors
// SPDX-License-Identifier: MIT

#pragma once

#include <QtCore/qbytearray.h>
#include <QtCore/qglobal.h>

#include <cstddef>
#include <functional>
#include <ostream>
#include <span>
#include <vector>

// Programs for a model and the real thing to run: what is done one after the other, and what is done
// whenever the real thing calls back.

namespace Model {

struct Word
{
    const char *name;
    int weight; // how often at the top of a program, and in a script
    int weightInScript;
    qint64 least; // the values
    qint64 most;
};

// What a kind of program is written in; an operation is the index of a word.
struct Vocabulary
{
    std::span<const Word> words;
    std::span<const char *const> hooks; // where scripts run
};

struct Operation
{
    int kind = 0;
    qint64 value = 0;
};

// Every signal of a hook runs the next script of that hook, in a circle.
struct Script
{
    int hook = 0;
    std::vector<Operation> operations;
};

struct Program
{
    const Vocabulary *vocabulary = nullptr;
    std::vector<Operation> operations;
    std::vector<Script> scripts;
};

inline std::ostream &operator<<(std::ostream &stream, const Program &program)
{
    const auto show = [&](const Operation &operation) {
        const Word &word = program.vocabulary->words[static_cast<std::size_t>(operation.kind)];
        stream << word.name;
        if (word.most > word.least)
            stream << ' ' << operation.value;
    };
    for (const Operation &operation : program.operations) {
        stream << "\n  ";
        show(operation);
    }
    for (const Script &script : program.scripts) {
        stream << "\n  in " << program.vocabulary->hooks[static_cast<std::size_t>(script.hook)]
               << ": ";
        const char *separator = "";
        for (const Operation &operation : script.operations) {
            stream << separator;
            show(operation);
            separator = "; ";
        }
    }
    return stream << '\n';
}

// A number from 0 to below - 1.
using Dice = std::function<qint64(qint64 below)>;

inline Operation randomOperation(const Vocabulary &vocabulary, const Dice &dice, int Word::*weight)
{
    qint64 total = 0;
    for (const Word &word : vocabulary.words)
        total += word.*weight;
    qint64 number = dice(total);
    int kind = 0;
    for (; number >= vocabulary.words[static_cast<std::size_t>(kind)].*weight; ++kind)
        number -= vocabulary.words[static_cast<std::size_t>(kind)].*weight;
    const Word &word = vocabulary.words[static_cast<std::size_t>(kind)];
    return { kind, word.least + dice(word.most - word.least + 1) };
}

inline Program randomProgram(const Vocabulary &vocabulary, int steps, const Dice &dice)
{
    Program program;
    program.vocabulary = &vocabulary;
    for (int step = 0; step < steps; ++step)
        program.operations.push_back(randomOperation(vocabulary, dice, &Word::weight));
    for (qint64 scripts = dice(12); scripts > 0; --scripts) {
        Script script;
        script.hook = static_cast<int>(dice(qint64(vocabulary.hooks.size())));
        for (qint64 left = dice(5); left > 0; --left) {
            script.operations.push_back(randomOperation(vocabulary, dice, &Word::weightInScript));
        }
        program.scripts.push_back(script);
    }
    return program;
}

// The same program with a bit less, in every way there is, the shortest first.
inline std::vector<Program> simplerThan(const Program &program)
{
    std::vector<Program> simpler;
    for (std::size_t length = program.operations.size(); length > 0; length /= 2) {
        for (std::size_t from = 0; from + length <= program.operations.size(); from += length) {
            Program &less = simpler.emplace_back(program);
            const auto begin = less.operations.begin() + static_cast<std::ptrdiff_t>(from);
            less.operations.erase(begin, begin + static_cast<std::ptrdiff_t>(length));
        }
    }
    for (std::size_t i = 0; i < program.scripts.size(); ++i) {
        Program &less = simpler.emplace_back(program);
        less.scripts.erase(less.scripts.begin() + static_cast<std::ptrdiff_t>(i));
    }
    for (std::size_t i = 0; i < program.scripts.size(); ++i) {
        for (std::size_t j = 0; j < program.scripts[i].operations.size(); ++j) {
            Program &less = simpler.emplace_back(program);
            auto &operations = less.scripts[i].operations;
            operations.erase(operations.begin() + static_cast<std::ptrdiff_t>(j));
        }
    }
    const auto lessen = [&](auto operationIn) {
        const Operation &operation = operationIn(const_cast<Program &>(program));
        const qint64 least = program.vocabulary->words[static_cast<std::size_t>(operation.kind)]
                                     .least;
        for (const qint64 value : { least, (least + operation.value) / 2, operation.value - 1 }) {
            if (value >= least && value < operation.value)
                operationIn(simpler.emplace_back(program)).value = value;
        }
    };
    for (std::size_t i = 0; i < program.operations.size(); ++i)
        lessen([i](Program &in) -> Operation & { return in.operations[i]; });
    for (std::size_t i = 0; i < program.scripts.size(); ++i) {
        for (std::size_t j = 0; j < program.scripts[i].operations.size(); ++j)
            lessen([i, j](Program &in) -> Operation & { return in.scripts[i].operations[j]; });
    }
    return simpler;
}

} // namespace Model
