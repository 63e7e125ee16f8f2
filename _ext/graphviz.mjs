// Lays out a graph with Graphviz: the graph comes in as JSON, the places of its parts go out, y downwards.
import { json } from "node:stream/consumers";
import { instance } from "@viz-js/viz";

const viz = await instance();
console.log(JSON.stringify(viz.renderJSON(await json(process.stdin), { yInvert: true })));
